/** What may be wider than its place: it scrolls by touch, by wheel, and by the arrow keys. */

import type { ComponentChildren, JSX } from "preact";

export function Scroll({ label, class: name = "", children }: { label: string; class?: string; children: ComponentChildren }): JSX.Element {
  return <div class={`crl-scroll ${name}`} tabIndex={0} role="group" aria-label={label}>{children}</div>;
}
