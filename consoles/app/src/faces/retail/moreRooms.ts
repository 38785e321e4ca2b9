import type { Room } from "@/app/rooms";

export const moreRooms: readonly Room[] = [];
