import type { Room } from "@/app/rooms";

export const rooms: readonly Room[] = [];
