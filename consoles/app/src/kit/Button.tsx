// A button; `busy` while what it started is under way, so that nobody presses twice.

import type { ReactNode } from "react";
import { Button as Base, type ButtonProps } from "react-aria-components";

interface Props extends Omit<ButtonProps, "className" | "style"> {
  kind?: "plain" | "primary" | "danger" | "quiet";
  busy?: boolean;
  children: ReactNode;
}

export function Button({ kind = "plain", busy = false, isDisabled, children, ...rest }: Props): ReactNode {
  return (
    <Base {...rest} isDisabled={busy || isDisabled === true} aria-busy={busy} className={`button ${kind}`}>
      {busy && <span aria-hidden="true">…</span>}
      {children}
    </Base>
  );
}
