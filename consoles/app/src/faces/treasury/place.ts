// Places by the names people know: a venue by its own, a wallet by its network.

import { venueName } from "@/kit/venue";

export const placeName = (location: string): string => {
  const name = location.slice(location.indexOf(":") + 1);
  return location.startsWith("venue:") ? venueName(name) : name;
};
