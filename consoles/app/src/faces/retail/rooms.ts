import type { Room } from "@/app/rooms";
import { moreRooms } from "./moreRooms";

export const rooms: readonly Room[] = [...moreRooms];
