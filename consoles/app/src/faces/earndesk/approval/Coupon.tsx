// What a second person decides about a coupon, in words.

import type { ReactNode } from "react";
import { useSession } from "@/session/session";
import { CouponTerms, type Terms } from "../coupons/words";
import { namesOf, useTemplates } from "../reads";
import "../earndesk.css";
import type { Told } from "./Product";

export default function Coupon({ summary }: Told): ReactNode {
  const { may } = useSession();
  const terms = summary as Terms;
  return <div className="stack earndesk">{may("earn:read") ? <Named terms={terms} /> : <CouponTerms terms={terms} names={new Map()} />}</div>;
}

function Named({ terms }: { terms: Terms }): ReactNode {
  const { data: all = [] } = useTemplates();
  return <CouponTerms terms={terms} names={namesOf(all)} />;
}
