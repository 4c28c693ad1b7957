import { type ComponentType, createElement } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "./states";

/**
 * Return a component that loads its file when it is first shown. A file that does not come – no
 * network, or a newer version of the screens is installed – is told, with a way to try again.
 */
export function lazy<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [component, setComponent] = useState<ComponentType<P> | null>(() => loaded);
    const [failed, setFailed] = useState(false);
    const [turn, setTurn] = useState(0);
    useEffect(() => {
      if (component !== null) return;
      let isGone = false;
      setFailed(false);
      load().then(
        (module) => {
          loaded = module.default;
          if (!isGone) setComponent(() => module.default);
        },
        () => !isGone && setFailed(true),
      );
      return () => {
        isGone = true;
      };
    }, [turn]);
    if (component !== null) return createElement(component, props);
    if (!failed) return <Loading what="this page" />;
    return (
      <div class="state" role="alert">
        <p class="failure">This page could not be loaded. Is there a connection?</p>
        <button type="button" onClick={() => setTurn(turn + 1)}>
          Try again
        </button>
        <button type="button" onClick={() => location.reload()}>
          Load the whole page anew
        </button>
      </div>
    );
  };
}
