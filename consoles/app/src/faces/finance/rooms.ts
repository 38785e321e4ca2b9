import type { Room } from "@/app/rooms";
import { useSession } from "@/session/session";

/** Whoever sees the board finds payment orders from there; product staff, who refund, have no other room of finance. */
function useRefundsAlone(): boolean {
  const { may } = useSession();
  return may("refunds:write") && !may("invariants:read");
}

// One link leads in; the sub-navigation (parts/Frame.tsx) shows the rooms that one's permissions open.
export const rooms: readonly Room[] = [
  {
    path: "/finance", link: "/finance", title: "rooms.finance", face: "finance", permission: "invariants:read",
    load: () => import("./invariants/Board"),
  },
  { path: "/finance/seals", title: "rooms.seals", face: "finance", permission: "ledger:read", load: () => import("./invariants/Seals") },
  { path: "/finance/journal", title: "rooms.journal", face: "finance", permission: "ledger:read", load: () => import("./journal/Explorer") },
  { path: "/finance/accounts/:id", title: "rooms.account", face: "finance", permission: "ledger:read", load: () => import("./journal/AccountScreen") },
  { path: "/finance/journals/:id", title: "rooms.one_journal", face: "finance", permission: "ledger:read", load: () => import("./journal/JournalScreen") },
  { path: "/finance/transfers", title: "rooms.transfers", face: "finance", permission: "ledger:read", load: () => import("./transfers/Transfers") },
  { path: "/finance/transfers/:id", title: "rooms.transfer", face: "finance", permission: "ledger:read", load: () => import("./transfers/TransferScreen") },
  { path: "/finance/trial-balance", title: "rooms.trial", face: "finance", permission: "ledger:read", load: () => import("./balances/TrialBalance") },
  {
    path: "/finance/reconciliation", title: "rooms.reconciliation", face: "finance", permission: "reconciliation:read",
    load: () => import("./reconciliation/Reconciliation"),
  },
  {
    path: "/finance/reconciliation/runs/:id", title: "rooms.run", face: "finance", permission: "reconciliation:read",
    load: () => import("./reconciliation/RunScreen"),
  },
  {
    path: "/finance/reconciliation/breaks/:id", title: "rooms.break", face: "finance", permission: "reconciliation:read",
    load: () => import("./reconciliation/BreakScreen"),
  },
  {
    path: "/finance/payment-orders", link: "/finance/payment-orders", title: "rooms.payments", face: "finance", permission: "payment_orders:read",
    useShown: useRefundsAlone,
    load: () => import("./payments/PaymentOrders"),
  },
  {
    path: "/finance/payment-orders/:id", title: "rooms.payment", face: "finance", permission: "payment_orders:read",
    load: () => import("./payments/PaymentOrderScreen"),
  },
  { path: "/finance/exports", title: "rooms.exports", face: "finance", permission: "ledger:export", load: () => import("./files/Exports") },
  { path: "/finance/imports", title: "rooms.imports", face: "finance", permission: "ledger:read", load: () => import("./files/Imports") },
  { path: "/finance/imports/:id", title: "rooms.import", face: "finance", permission: "ledger:read", load: () => import("./files/ImportScreen") },
];
