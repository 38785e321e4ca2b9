import { StrictMode, Suspense, lazy } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import "./i18n";
import "./theme/tokens.css";
import "./theme/base.css";
import "./kit/kit.css";

// A tab that was open while the product was updated asks for chunks that are gone: the page itself is read anew, once in a while at most.
const RELOADED = "rivermouth.reloaded";
const SELDOM_MS = 30_000;
addEventListener("vite:preloadError", () => {
  const last = Date.parse(sessionStorage.getItem(RELOADED) ?? "");
  if (Date.now() - last < SELDOM_MS) return;
  sessionStorage.setItem(RELOADED, new Date().toISOString());
  location.reload();
});

const root = document.getElementById("root");
if (root === null) throw new Error("no #root in the page");
const Page = location.pathname === "/embed" ? lazy(async () => ({ default: (await import("./faces/oauth/screens")).EmbedPage })) : App;
createRoot(root).render(<StrictMode><Suspense fallback={null}><Page /></Suspense></StrictMode>);
