import { expect } from 'chai';
import { ConfigurationError } from '../../../src/client/auth/kubeconfig-files.ts';
import { proxyFor } from '../../../src/client/auth/proxy-environment.ts';

const PROXY = 'http://proxy.example:3128';

describe('proxyFor', () => {
  it('takes HTTPS_PROXY for https, HTTP_PROXY for http, in upper case before lower case', () => {
    const environment = { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:1', http_proxy: 'http://c:1' };
    expect(proxyFor('https://api.example', environment)).to.equal('http://a:1');
    expect(proxyFor('http://api.example', environment)).to.equal('http://c:1');
    expect(proxyFor('https://api.example', { ...environment, HTTPS_PROXY: '' })).to.equal('http://b:1');
    expect(proxyFor('https://api.example', {})).to.equal(undefined);
  });

  it('takes a host and port for an HTTP proxy, and socks5h for what SOCKS5 is here', () => {
    expect(proxyFor('https://api.example', { HTTPS_PROXY: 'proxy.example:3128' })).to.equal(PROXY);
    expect(proxyFor('https://api.example', { HTTPS_PROXY: 'socks5h://proxy.example' })).to.equal('socks5://proxy.example');
    expect(proxyFor('https://api.example', { HTTPS_PROXY: 'https://u:p@[::1]:1' })).to.equal('https://u:p@[::1]:1');
  });

  for (const value of ['ftp://proxy.example', 'http://', 'http://s3cret:s3cret@:x']) {
    it(`refuses ${value}, and does not quote it`, () => {
      expect(() => proxyFor('https://api.example', { HTTPS_PROXY: value }))
        .to.throw(ConfigurationError, 'HTTPS_PROXY is none of')
        .with.property('message')
        .that.does.not.include('s3cret');
    });
  }

  const table: readonly (readonly [noProxy: string, server: string, proxied: boolean])[] = [
    ['', 'https://10.96.0.1', true],
    ['', 'https://localhost:6443', false],
    ['', 'https://127.0.0.1:6443', false],
    ['', 'https://127.8.9.10', false],
    ['', 'https://[::1]:6443', false],
    ['*', 'https://10.96.0.1', false],
    ['10.96.0.1', 'https://10.96.0.1', false],
    ['10.96.0.1', 'https://10.96.0.10', true],
    ['10.96.0.1:443', 'https://10.96.0.1', false],
    ['10.96.0.1:6443', 'https://10.96.0.1', true],
    ['10.96.0.0/12', 'https://10.111.255.254', false],
    ['10.96.0.0/12', 'https://10.112.0.1', true],
    ['10.96.0.0/12', 'https://[fd00::1]', true],
    ['10.96.0.0/33', 'https://10.96.0.1', true],
    ['fd00:10:96::/112', 'https://[fd00:10:96::1]:6443', false],
    ['fd00:10:96::/112', 'https://[fd00:10:97::1]:6443', true],
    ['fd00::1', 'https://[fd00:0:0::1]', false],
    ['[fd00::1]', 'https://[fd00::1]', false],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', false],
    ['[fd00::1]:6443', 'https://[fd00::1]', true],
    ['example.org', 'https://example.org', false],
    ['example.org', 'https://api.EXAMPLE.org', false],
    ['example.org', 'https://counterexample.org', true],
    ['.example.org', 'https://api.example.org', false],
    ['.example.org', 'https://example.org', true],
    ['*.example.org', 'https://api.example.org', false],
    ['*.example.org', 'https://example.org', true],
    ['example.org:443', 'https://example.org', false],
    ['example.org:444', 'https://example.org', true],
    [' .svc , .cluster.local ,, 10.0.0.0/8 ', 'https://kubernetes.default.svc', false],
    [',:,[],/', 'https://api.example', true],
  ];
  for (const [noProxy, server, proxied] of table) {
    it(`takes ${proxied ? 'the proxy' : 'none'} to ${server} where NO_PROXY is "${noProxy}"`, () => {
      for (const name of ['NO_PROXY', 'no_proxy']) {
        expect(proxyFor(server, { HTTPS_PROXY: PROXY, [name]: noProxy })).to.equal(proxied ? PROXY : undefined);
      }
    });
  }
});
