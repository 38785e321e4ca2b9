// A part of a page that is loaded when it is first shown. One that cannot be had, or breaks, shows so in its own place: the rest goes on.

import { Component, lazy, type ComponentType, type ReactNode } from "react";
import { again } from "./again";
import { Failed } from "./states";

export function part<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): (props: P) => ReactNode {
  const Loaded = lazy(() => again(() => styled(load)));
  return function Part(props) {
    return <Guarded><Loaded {...props} /></Guarded>;
  };
}

// Vite asks for a part's stylesheet once and takes it for loaded even when it did not come; here it is asked for as often as the script.
const missing = new Set<string>();
addEventListener("vite:preloadError", (event) => {
  const href = /CSS for (\S+)/.exec(event.payload.message)?.[1];
  if (href === undefined) return;
  missing.add(href);
  event.preventDefault(); // the script may come all the same
});

async function styled<T>(load: () => Promise<T>): Promise<T> {
  const loaded = await load();
  await Promise.all([...missing].map((href) => new Promise<void>((came, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: came, onerror: failed });
    document.head.append(link);
  }).then(() => missing.delete(href))));
  return loaded;
}

class Guarded extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : <Failed error={this.state.error} retry={() => void reload()} />;
  }
}

/** After an update the old parts are gone for good, and some browsers never ask again for what failed once: the page itself helps, if it comes. */
async function reload(): Promise<void> {
  if (await fetch("/", { headers: { accept: "text/html" } }).then((answer) => answer.ok, () => false)) location.reload();
}
