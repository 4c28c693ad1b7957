const ADDRESS = /\/api\/calendar\/([\w-]+=*)\.ics$/;

/** The address as calendars are asked to subscribe to it. */
export function webcalOf(url: string): string {
  return url.replace(/^https?:/, "webcal:");
}

/** The picture of the address, to be scanned with the phone whose calendar is meant. */
export function qrOf(url: string): string {
  return `/calendar/${ADDRESS.exec(url)?.[1] ?? ""}/qr.svg`;
}
