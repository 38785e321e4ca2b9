// Ends a session that nobody touches: what stands on the screen is other people's money. A touch in one tab counts in all of them.

import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { useSession } from "@/session/session";

const KEY = "rivermouth.touched";
const LOOK_MS = 1_000;
const WARNED_S = 60;
const TOUCHES = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

interface Touch { session: string; at: number }

/** The last touch of this session in any tab; a session that knows of none has just begun. */
function lastTouch(session: string): number {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Touch | null;
    if (kept?.session === session) return kept.at;
  } catch { /* somebody else's text: as if there were none */ }
  return touch(session);
}

function touch(session: string): number {
  const at = Date.now();
  localStorage.setItem(KEY, JSON.stringify({ session, at } satisfies Touch));
  return at;
}

export default function Idle({ seconds }: { seconds: number }): ReactNode {
  const { t } = useTranslation("staff");
  const { me, logout } = useSession();
  const session = me?.session_expires_at ?? "";
  const [left, setLeft] = useState(seconds);
  const ending = useRef(false);
  useEffect(() => {
    let written = lastTouch(session);
    const touched = (): void => { if (Date.now() - written >= LOOK_MS) written = touch(session); };
    const look = (): void => {
      const rest = seconds - Math.floor((Date.now() - lastTouch(session)) / 1000);
      setLeft(rest);
      if (rest > 0 || ending.current) return;
      ending.current = true;
      logout().catch(() => undefined).finally(() => { ending.current = false; }); // without an answer it is tried again, and the question stays
    };
    for (const name of TOUCHES) window.addEventListener(name, touched, { capture: true, passive: true });
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
      for (const name of TOUCHES) window.removeEventListener(name, touched, { capture: true });
    };
  }, [session, seconds, logout]);
  const stay = (): void => { touch(session); setLeft(seconds); };
  return (
    <Dialog title={t("idle.title")} isOpen={left <= Math.min(WARNED_S, Math.floor(seconds / 2))} onClose={stay} role="alertdialog">
      <p>{t("idle.means", { n: Math.max(left, 0) })}</p>
      <div><Button kind="primary" autoFocus onPress={stay}>{t("idle.stay")}</Button></div>
    </Dialog>
  );
}
