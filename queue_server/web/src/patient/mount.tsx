import { type ComponentChild, render } from "preact";

/** Put the screen where the server's page stands, which says the same until now. */
export function mount(screen: ComponentChild): void {
  const root = document.getElementById("app");
  if (!root) return;
  root.replaceChildren();
  render(screen, root);
}
