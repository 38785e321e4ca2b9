import type { ReactNode } from "react";
import { useOwnEvents } from "@/faces/retail/orders/useOwnEvents";
import { Empty, Loaded } from "@/kit/states";
import { Doors } from "./Doors";
import { useNetworks } from "./reads";
import type { Network } from "./wire";
import { useWords } from "./words";
import "./funding.css";

/** A room of money in and out: its name, the way to the others, and what it is about once there are networks. */
export function Frame({ title, intro, children }: { title: string; intro: string; children: (networks: Network[]) => ReactNode }): ReactNode {
  const { t } = useWords();
  useOwnEvents();
  return (
    <div className="stack">
      <header className="funding-title">
        <h1>{title}</h1>
        <p className="dim">{intro}</p>
      </header>
      <Doors />
      <Loaded query={useNetworks()} lines={8} empty={<Empty title={t("none_here")} />}>{children}</Loaded>
    </div>
  );
}
