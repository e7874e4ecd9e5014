import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { fromRoot } from '../../../scripts/root.ts';
import { startHttpServer, type HttpServer } from '../../../src/server/http-server.ts';
import { startChromium } from '../../chromium/browser.ts';
import { MINUTE, NOW } from '../../core/build.ts';
import { FieldsLog } from '../../controller/support/fields-log.ts';
import { brokenFacts, handlerOf, healthyFacts, manyNodes, readingScene, type Scene } from './scenes.ts';

const PICTURES = fromRoot('coverage', 'page');
const SCHEMES = ['light', 'dark'] as const;

const SCENES: Readonly<Record<string, () => Scene>> = {
  healthy: () => ({ facts: healthyFacts() }),
  broken: () => ({ facts: brokenFacts(), specs: { cluster: {}, shop: {} } }),
  unknown: () => ({ facts: [], asked: { refused: ['Node', 'Pod'] }, leads: false }),
  outdated: () => ({ facts: healthyFacts(), staleSources: [{ kind: 'Pod', since: NOW - 10 * MINUTE }], evaluatedAt: NOW - 12 * MINUTE }),
  reading: readingScene,
  'without a report': () => ({ facts: healthyFacts(), specs: {} }),
  '5,000 nodes': () => ({ facts: manyNodes(5_000) }),
};

/** The element that has the focus, by its place, and how that is shown; scripts of the page's side are texts, as the types of a browser are not these. */
const FOCUSED = `(() => {
  const { outerHTML } = document.activeElement;
  const { x, y } = document.activeElement.getBoundingClientRect();
  const { outlineStyle } = getComputedStyle(document.activeElement);
  return { element: outerHTML.slice(0, 80) + (x + scrollX) + '/' + (y + scrollY), outlineStyle };
})()`;

describe('the page in a browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  const servers = new Map<string, HttpServer>();

  before('start Chromium', async function () {
    this.timeout(300_000);
    mkdirSync(PICTURES, { recursive: true });
    browser = await startChromium();
    for (const [name, scene] of Object.entries(SCENES)) {
      const handlers = { '/': handlerOf(scene()) };
      servers.set(
        name,
        await startHttpServer({ address: { host: '127.0.0.1', port: 0 }, flag: '--address', handlers, log: new FieldsLog() }),
      );
    }
  });

  after(async () => {
    await browser.close();
    for (const server of servers.values()) await server.close();
  });

  function addressOf(scene: string): string {
    return `http://127.0.0.1:${servers.get(scene)!.port}/`;
  }

  /** Opens the page of a scene in a context that is closed afterwards. */
  async function onPage(
    scene: string,
    look: (page: Page) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<void> {
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    try {
      const page = await context.newPage();
      await page.goto(addressOf(scene));
      await look(page);
    } finally {
      await context.close();
    }
  }

  for (const scene of Object.keys(SCENES)) {
    it(`of ${scene} says nothing on the console and asks for nothing but itself, with scripts and without`, async () => {
      const context = await browser.newContext();
      for (const javaScriptEnabled of [true, false]) {
        const page = await (javaScriptEnabled ? context : await browser.newContext({ javaScriptEnabled })).newPage();
        const said: string[] = [];
        const asked: string[] = [];
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(error.message));
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(addressOf(scene), { waitUntil: 'load' });
        expect(await page.locator('h1').textContent()).to.match(/^(Report cluster|No report( yet)?)$/);
        expect([said, asked]).to.deep.equal([[], [addressOf(scene)]]);
        await page.context().close();
      }
    });

    for (const colorScheme of SCHEMES) {
      it(`of ${scene} gives axe nothing to find in ${colorScheme}`, async () => {
        // The policy of the page blocks axe as against any other script.
        await onPage(
          scene,
          async (page) => {
            await page.screenshot({ path: join(PICTURES, `${scene.replaceAll(/[ ,]+/g, '-')}-${colorScheme}.png`) });
            for (const summary of await page.locator('summary:visible').all()) await summary.click();
            await page.evaluate(axe.source);
            const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
            expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).to.deep.equal([]);
            // Colors are what may differ from one to the other.
            expect(passes.map(({ id }) => id)).to.include.members(['color-contrast', 'region', 'heading-order', 'html-has-lang']);
          },
          { colorScheme, bypassCSP: true },
        );
      });
    }
  }

  it('has landmarks, one heading of the first rank, and a heading for each part', async () => {
    await onPage('broken', async (page) => {
      for (const landmark of ['banner', 'main', 'contentinfo'] as const) expect(await page.getByRole(landmark).count()).to.equal(1);
      expect(await page.getByRole('heading', { level: 1 }).allTextContents()).to.deep.equal(['Report cluster']);
      expect(await page.getByRole('heading', { level: 2 }).allTextContents()).to.deep.equal([
        'Not healthy: 1 critical, 2 warnings, 1 info; 2 root causes to fix, first: Node d has no IPv6 podCIDR (it has only 10.244.4.0/24): 2 pods, 1 Service with no IPv6 endpoint.',
        'Stack by layer',
        'Root causes',
        'Nodes',
        'Namespaces by drift',
        'How fresh this is',
      ]);
      expect(await page.getByRole('rowheader', { name: 'd', exact: true }).count()).to.equal(1);
      expect(await page.getByRole('navigation', { name: 'Reports' }).getByRole('link').allTextContents()).to.deep.equal([
        'cluster',
        'shop',
      ]);
    });
  });

  it('leads to each link, each fold and each table by the keyboard, and opens a fold with it', async () => {
    await onPage('broken', async (page) => {
      const wanted = await page.locator('a, summary:visible, [tabindex="0"]').count();
      const reached = new Set<string>();
      for (let step = 0; step < wanted; step += 1) {
        await page.keyboard.press('Tab');
        const { element, outlineStyle } = await page.evaluate<{ readonly element: string; readonly outlineStyle: string }>(FOCUSED);
        reached.add(element);
        expect(outlineStyle).to.equal('solid');
        if (step === 0) expect(await page.locator(':focus').textContent()).to.equal('Skip to the verdict');
      }
      expect(reached.size).to.equal(wanted);
      await page.locator('summary').first().focus();
      await page.keyboard.press('Enter');
      expect(await page.getByText('kubectl drain d').isVisible()).to.equal(true);
    });
  });

  it('leads through the nodes by links, and to another report', async () => {
    await onPage('5,000 nodes', async (page) => {
      expect(await page.locator('section:has(#nodes) tbody tr').count()).to.equal(200);
      expect(await page.getByRole('table').first().locator('caption').textContent()).to.contain('5000 nodes, 50 with findings');
      await page.getByRole('link', { name: 'Next nodes' }).click();
      await page.getByText('Page 2 of 25').waitFor();
      expect(page.url()).to.match(/\?report=cluster&nodes=2#nodes$/);
    });
    await onPage('broken', async (page) => {
      await page.getByRole('link', { name: 'shop', exact: true }).click();
      await page.getByRole('heading', { name: 'Report shop' }).waitFor();
    });
  });

  it('fits a narrow screen: only the tables scroll sideways', async () => {
    await onPage(
      'broken',
      async (page) => {
        const [content, screen] = await page.evaluate<readonly number[]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        expect(content).to.equal(screen);
      },
      { viewport: { width: 320, height: 640 } },
    );
  });
});
