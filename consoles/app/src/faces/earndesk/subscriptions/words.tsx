import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Id, Pill, type Tone } from "@/kit/values";
import { useSession } from "@/session/session";
import type { Subscription } from "./reads";

const TONES: Record<string, Tone> = { active: "info", paid_out: "good", redeemed_early: "warn", renewed: "good" };

export function State({ of }: { of: Subscription["status"] }): ReactNode {
  const { t } = useTranslation("earndesk_subscriptions");
  return <Pill tone={TONES[of] ?? "plain"}>{t(`status.${of}`, { defaultValue: of })}</Pill>;
}

/** Who may look at customers gets there from here. */
export function Customer({ id }: { id: string }): ReactNode {
  const { may } = useSession();
  return may("customers:read") ? <Link to={`/customers/${id}`}><Id value={id} /></Link> : <Id value={id} />;
}
