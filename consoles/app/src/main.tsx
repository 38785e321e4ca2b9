import { StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import "./i18n";
import { part } from "./kit/part";
import "./theme/tokens.css";
import "./theme/base.css";
import "./kit/kit.css";

const root = document.getElementById("root");
if (root === null) throw new Error("no #root in the page");
const Page = location.pathname === "/embed" ? part(async () => ({ default: (await import("./faces/oauth/screens")).EmbedPage })) : App;
createRoot(root).render(<StrictMode><Suspense fallback={null}><Page /></Suspense></StrictMode>);
