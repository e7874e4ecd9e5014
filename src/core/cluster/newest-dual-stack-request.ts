import { keyOf, type ServiceFacts } from '../kinds/facts.ts';

/**
 * The newest Service that requested both families, even in vain: it shows best what the API server assigns. Headless ones prove
 * nothing (rules.md#service-cidr-is-evidence). Found again only when the one that was known goes.
 */
export class NewestDualStackRequest {
  readonly #services: ReadonlyMap<string, ServiceFacts>;
  #known: ServiceFacts | undefined;
  #stale = false;

  /** @param services all that there are, kept up by its owner */
  constructor(services: ReadonlyMap<string, ServiceFacts>) {
    this.#services = services;
  }

  get(): ServiceFacts | undefined {
    if (this.#stale) this.#known = this.#find();
    this.#stale = false;
    return this.#known;
  }

  add(service: ServiceFacts): void {
    if (requestsDualStack(service) && isYounger(service, this.#known)) this.#known = service;
  }

  remove(service: ServiceFacts): void {
    if (service === this.#known) this.#stale = true;
  }

  #find(): ServiceFacts | undefined {
    let newest: ServiceFacts | undefined;
    for (const service of this.#services.values()) if (requestsDualStack(service) && isYounger(service, newest)) newest = service;
    return newest;
  }
}

function requestsDualStack({ policy, headless, type, clusterIPFamilies }: ServiceFacts): boolean {
  return policy !== 'SingleStack' && !headless && type !== 'ExternalName' && clusterIPFamilies.length > 0;
}

/** Of the same second one by name, in whatever order they came. */
function isYounger(service: ServiceFacts, than: ServiceFacts | undefined): boolean {
  if (!than) return true;
  return service.createdAt > than.createdAt || (service.createdAt === than.createdAt && keyOf(service) < keyOf(than));
}
