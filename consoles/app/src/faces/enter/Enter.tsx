// Pages for who has no session, or came by the link of a mail: each does one thing. Loaded when first opened.

import type { ComponentType, ReactNode } from "react";
import { useLocation } from "react-router";
import { ConfirmEmail, Freeze } from "./Confirm";
import { Forgot } from "./Forgot";
import { Register } from "./Register";
import { Reset } from "./Reset";
import { Verify } from "./Verify";

const PAGES: Record<string, ComponentType> = {
  "/register": Register, "/verify": Verify, "/forgot": Forgot, "/reset": Reset, "/freeze": Freeze, "/confirm-email": ConfirmEmail,
};

export default function Enter(): ReactNode {
  const Page = PAGES[useLocation().pathname];
  return Page === undefined ? null : <Page />;
}
