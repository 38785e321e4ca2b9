// How much could be traded down to which price: two staircases as own SVG. The texts beside it come from the strings.

import { memo, type ReactNode } from "react";
import { depthPath, type Step } from "./points";
import { larger, type Decimal } from "@/money/decimal";

const WIDTH = 600;
const HEIGHT = 240;

interface Props {
  bids: readonly Step[];
  asks: readonly Step[];
  label: string;
}

export const DepthChart = memo(function DepthChart({ bids, asks, label }: Props): ReactNode {
  const low = bids.at(-1)?.price ?? asks[0]?.price ?? "0";
  const high = asks.at(-1)?.price ?? bids[0]?.price ?? "1";
  const most: Decimal = larger(bids.at(-1)?.total ?? "0", asks.at(-1)?.total ?? "0");
  const box = { width: WIDTH, height: HEIGHT, low, high, most };
  return (
    <svg className="depth-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="bids" d={depthPath(bids, box)} vectorEffect="non-scaling-stroke" />
      <path className="asks" d={depthPath(asks, box)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
});
