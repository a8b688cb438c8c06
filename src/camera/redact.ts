/**
 * An address for people: without user name, password and query, which often holds a key. Text that is no address is
 * returned as it is.
 */
export function redactAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.host === '') return address;
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** A text of a program without the given secrets, plain or as they stand in an address. */
export function redactText(text: string, secrets: readonly (string | undefined)[]): string {
  const forms = secrets
    .filter((secret) => secret !== undefined && secret !== '')
    .flatMap((secret) => [secret!, encodeURIComponent(secret!)])
    .sort((a, b) => b.length - a.length);
  return (
    forms
      .reduce((clean, form) => clean.replaceAll(form, '***'), text)
      // And whatever a program read from elsewhere. No protocol has a longer name: without a limit, a long word takes long.
      .replace(/(\w{1,16}:\/\/)[^\s/@]*@/g, '$1')
  );
}
