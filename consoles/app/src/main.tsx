import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import "./i18n";
import "./theme/tokens.css";
import "./theme/base.css";
import "./kit/kit.css";

const root = document.getElementById("root");
if (root === null) throw new Error("no #root in the page");
createRoot(root).render(<StrictMode><App /></StrictMode>);
