// The house's time, as well as a page can know it: its own, and how far the house was ahead when it answered.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNow } from "@/kit/age";
import { phaseOf, type Phase } from "./model";
import type { Offer } from "./reads";

/** The moment by the house's time, each second anew. */
export const useHouseNow = (offer: Pick<Offer, "ahead">): number => useNow() + offer.ahead;

/** Where the sale stands at this second; when it opens or closes the offers are read again. */
export function usePhase(offer: Offer): Phase {
  const client = useQueryClient();
  const phase = phaseOf(offer, useHouseNow(offer));
  const told = phaseOf(offer, Date.parse(offer.at));
  useEffect(() => {
    if (phase === told) return;
    void client.invalidateQueries({ queryKey: ["earn-offers"] });
    void client.invalidateQueries({ queryKey: ["earn-offer", offer.id] });
  }, [client, phase, told, offer.id]);
  return phase;
}
