import { useEffect, useRef } from "preact/hooks";
import { follow, replaceAddress, route } from "../../shared/route";
import { isAdmin } from "../../staff/account";
import { SECTION_PAGES, SECTIONS, type SectionEntry } from "../sections";
import { address, words } from "../state/address";
import { Page } from "./page";
import { TopBar } from "./top-bar";

/** Bar, navigation and the section that the address names. */
export function Shell() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar />
      <div class="shell">
        <Navigation />
        <main id="main" class="shell-main" tabIndex={-1}>
          <Section />
        </main>
      </div>
    </>
  );
}

function Navigation() {
  const [here] = words.value;
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the sections are a strip: the one that is open is in sight.
    const open = frame.current?.querySelector<HTMLElement>("[aria-current]");
    if (frame.current && open) frame.current.scrollLeft = open.offsetLeft - 48;
  }, [here]);
  return (
    <nav ref={frame} class="shell-nav" aria-label="Sections">
      <ul>
        {SECTIONS.filter(isOpen).map(({ name, label }) => (
          <li key={name}>
            <a
              href={address(name)}
              aria-current={here === name ? "page" : undefined}
              onClick={follow}
            >
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function isOpen({ name, isForAdmins }: SectionEntry): boolean {
  return SECTION_PAGES.has(name) && (!isForAdmins || isAdmin.value);
}

function Section() {
  const [name, ...path] = words.value;
  useEffect(() => {
    if (name === undefined) replaceAddress(address("doctors"));
  }, [name]);
  if (name === undefined) return null;
  const Found = SECTION_PAGES.get(name);
  if (Found) return <Found key={name} path={path} query={route.value.query} />;
  return (
    <Page title="There is no such page">
      <p>
        <a href={address("doctors")} onClick={follow}>
          Go to the doctors
        </a>
      </p>
    </Page>
  );
}
