// Which rooms there are, where they lie and who may enter. The API enforces the same permissions; here they only decide what is shown.

import type { ComponentType } from "react";
import { rooms as account } from "@/faces/account/rooms";
import { rooms as borrow } from "@/faces/borrow/rooms";
import { rooms as customers } from "@/faces/customers/rooms";
import { rooms as earn } from "@/faces/earn/rooms";
import { rooms as earndesk } from "@/faces/earndesk/rooms";
import { rooms as finance } from "@/faces/finance/rooms";
import { rooms as funding } from "@/faces/funding/rooms";
import { rooms as inbox } from "@/faces/inbox/rooms";
import { rooms as kyc } from "@/faces/kyc/rooms";
import { bookRooms } from "@/faces/lending/bookRooms";
import { productRooms } from "@/faces/lending/productRooms";
import { rooms as oauth } from "@/faces/oauth/rooms";
import { rooms as programs } from "@/faces/programs/rooms";
import { rooms as reserves } from "@/faces/reserves/rooms";
import { rooms as retail } from "@/faces/retail/rooms";
import { rooms as sandbox } from "@/faces/sandbox/rooms";
import { rooms as staff } from "@/faces/staff/rooms";
import { rooms as tenant } from "@/faces/tenant/rooms";
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
  face: "retail" | "retail_more" | "treasury" | "finance" | "sandbox" | "account"
    | "customers" | "kyc" | "oauth" | "inbox" | "programs" | "staff" | "tenant"
    | "borrow" | "earn" | "funding" | "lending_book" | "lending_products" | "earndesk" | "reserves";
  permission: Permission;
  /** A hook: whether the link is shown to those who may enter; without it, it is. */
  useShown?: () => boolean;
  load: () => Promise<{ default: ComponentType }>;
}

export const ROOMS: readonly Room[] = [
  ...retail, ...funding, ...borrow, ...earn, ...finance, ...treasury, ...customers, ...kyc, ...sandbox, ...account, ...oauth, ...inbox, ...programs, ...staff, ...tenant,
  ...productRooms, ...bookRooms, ...earndesk, ...reserves,
];
