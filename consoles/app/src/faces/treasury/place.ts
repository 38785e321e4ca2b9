// Places by the names people know: a venue by its own, a wallet by its network, a network without a title by its word.

import { venueName } from "@/kit/venue";

export const networkName = (network: string): string => network.slice(0, 1).toUpperCase() + network.slice(1);

export const placeName = (location: string): string => {
  const name = location.slice(location.indexOf(":") + 1);
  return location.startsWith("venue:") ? venueName(name) : networkName(name);
};
