// Which rooms there are, where they lie and who may enter. The API enforces the same permissions; here they only decide what is shown.

import type { ComponentType } from "react";
import { rooms as account } from "@/faces/account/rooms";
import { rooms as finance } from "@/faces/finance/rooms";
import { rooms as retail } from "@/faces/retail/rooms";
import { rooms as sandbox } from "@/faces/sandbox/rooms";
import { rooms as treasury } from "@/faces/treasury/rooms";
import type { Permission } from "@/session/session";

export interface Room {
  /** Path of the route, with parameters: "/trade/:symbol?". */
  path: string;
  /** Address the navigation leads to; a room without one is reached from another room. */
  link?: string;
  /** Key of its name in the face's texts. */
  title: string;
  /** Namespace of its texts. */
  face: "retail" | "retail_more" | "treasury" | "finance" | "sandbox" | "account";
  permission: Permission;
  /** A hook: whether the link is shown to those who may enter; without it, it is. */
  useShown?: () => boolean;
  load: () => Promise<{ default: ComponentType }>;
}

export const ROOMS: readonly Room[] = [...retail, ...finance, ...treasury, ...sandbox, ...account];
