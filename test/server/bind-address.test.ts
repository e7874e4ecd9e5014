import { expect } from 'chai';
import { BindAddressError, formatBindAddress, isLoopback, parseBindAddress, type OptionalAddress } from '../../src/server/bind-address.ts';

const ADDRESSES: readonly (readonly [text: string, host: string, port: number, formatted?: string])[] = [
  ['[::]:8080', '::', 8080],
  [':8080', '::', 8080, '[::]:8080'],
  [':0', '::', 0, '[::]:0'],
  ['0.0.0.0:8080', '0.0.0.0', 8080],
  ['127.0.0.1:65535', '127.0.0.1', 65_535],
  ['[::1]:1', '::1', 1],
  ['[fd00::7]:443', 'fd00::7', 443],
  ['[::ffff:127.0.0.1]:80', '::ffff:127.0.0.1', 80],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ['localhost:8082', 'localhost', 8082],
  ['127.0.0.1:0080', '127.0.0.1', 80, '127.0.0.1:80'],
];

const USAGE = 'Use host:port, [IPv6 address]:port or :port, such as [::]:8080; 0 disables it.';
const PORT = 'The port must be a whole number from 0 to 65535.';
const HOST = 'The host must be an IP address or localhost; without a host, all addresses are used.';
const BRACKETS = 'Put an IPv6 address in brackets, such as [::1]:8080.';
const NOT_IPV6 = 'Only an IPv6 address can be in brackets, such as [::1]:8080.';

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['', USAGE],
  [' ', USAGE],
  [':', USAGE],
  ['8080', USAGE],
  ['00', USAGE],
  ['localhost', USAGE],
  ['127.0.0.1', USAGE],
  ['127.0.0.1:', USAGE],
  ['[::]', USAGE],
  ['[::]8080', USAGE],
  ['[[::]]:8080', USAGE],
  ['[::1:8080', USAGE],
  ['::1]:8080', USAGE],
  ['a:b:80', USAGE],
  ['http://127.0.0.1:80', USAGE],
  ['127.0.0.1:80,127.0.0.2:80', USAGE],
  ['::', BRACKETS],
  ['::1', BRACKETS],
  ['::1:8080', BRACKETS],
  ['fd00:1:2:3:4:5:6:7:8080', BRACKETS],
  [':http', PORT],
  [':-1', PORT],
  [':+1', PORT],
  [':1e3', PORT],
  [':0x50', PORT],
  [':80.5', PORT],
  [': 80', PORT],
  [':80 ', PORT],
  [':65536', PORT],
  [':99999999999999999999', PORT],
  [':٨٠', PORT],
  ['[::]:80\n', PORT],
  ['*:80', HOST],
  ['0:80', HOST],
  ['127.1:80', HOST],
  ['127.0.0.01:80', HOST],
  ['256.0.0.1:80', HOST],
  ['0x7f000001:80', HOST],
  ['example.com:80', HOST],
  ['Localhost:80', HOST],
  ['localhost.:80', HOST],
  [' 127.0.0.1:80', HOST],
  ['/run/socket:80', HOST],
  ['127.0.0.1/8:80', HOST],
  ['[]:80', NOT_IPV6],
  ['[127.0.0.1]:80', NOT_IPV6],
  ['[localhost]:80', NOT_IPV6],
  ['[::1 ]:80', NOT_IPV6],
  ['[::g]:80', NOT_IPV6],
  ['[::1/128]:80', NOT_IPV6],
];

const LOOPBACKS: readonly (readonly [text: string, is: boolean])[] = [
  ['localhost:80', true],
  ['127.0.0.1:80', true],
  ['127.255.255.254:80', true],
  ['[::1]:80', true],
  ['[0:0:0:0:0:0:0:1]:80', true],
  ['[::1%lo]:80', true],
  ['[::ffff:127.0.0.1]:80', true],
  ['[::ffff:7f00:1]:80', true],
  [':80', false],
  ['[::]:80', false],
  ['0.0.0.0:80', false],
  ['[::ffff:0.0.0.0]:80', false],
  ['128.0.0.1:80', false],
  ['126.255.255.255:80', false],
  ['10.0.0.1:80', false],
  ['[::2]:80', false],
  ['[::127.0.0.1]:80', false],
  ['[fe80::1%lo]:80', false],
  ['[fd00::1]:80', false],
];

describe('an address to listen on', () => {
  for (const [text, host, port, formatted = text] of ADDRESSES) {
    it(`is ${text}`, () => {
      expect(parseBindAddress(text)).to.deep.equal({ host, port });
      expect(formatBindAddress({ host, port })).to.equal(formatted);
      expect(parseBindAddress(formatted)).to.deep.equal({ host, port });
    });
  }

  it('is none with 0', () => {
    expect(parseBindAddress('0')).to.equal('disabled');
  });

  for (const [text, message] of REFUSED) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(() => parseBindAddress(text))
        .to.throw(BindAddressError)
        .with.property('message', message);
    });
  }

  for (const [text, is] of LOOPBACKS) {
    it(`is ${is ? '' : 'not '}on loopback with ${text}`, () => {
      const address: OptionalAddress = parseBindAddress(text);
      expect(address !== 'disabled' && isLoopback(address)).to.equal(is);
    });
  }
});
