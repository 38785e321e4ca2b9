// What only two people can do about a transfer: the button to ask for it, or the request that waits and the button to replace it.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Waits } from "../money/parts";
import { isOpen, useApproval } from "../money/reads";

interface Deed {
  words: "settle" | "decide";
  may: boolean;
  begin: () => void;
}

export function Chance({ approval, ...deed }: Deed & { approval: string | null }): ReactNode {
  if (approval !== null) return <AskedFor approval={approval} {...deed} />;
  return deed.may && <Begin {...deed} />;
}

/** Another request takes the place of one that still waits. */
function AskedFor({ approval, ...deed }: Deed & { approval: string }): ReactNode {
  const { data } = useApproval(approval);
  return (
    <>
      <Waits approval={approval} />
      {deed.may && <Begin {...deed} again={data === undefined || isOpen(data)} />}
    </>
  );
}

function Begin({ words, begin, again = false }: Deed & { again?: boolean }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  return <div><Button kind={again ? "plain" : "primary"} onPress={begin}>{t(again ? `${words}.replace` : `${words}.begin`)}</Button></div>;
}
