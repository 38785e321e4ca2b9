import type { Room } from "@/app/rooms";

export const rooms: readonly Room[] = [
  { path: "/approvals", link: "/approvals", title: "room.approvals", face: "staff", permission: "approvals:read", load: () => import("./approvals/ApprovalsRoom") },
  { path: "/approvals/:id", title: "room.approval", face: "staff", permission: "approvals:read", load: () => import("./approvals/ApprovalRoom") },
  { path: "/audit", link: "/audit", title: "room.audit", face: "staff", permission: "audit:read", load: () => import("./audit/AuditRoom") },
  { path: "/roles", title: "room.roles", face: "staff", permission: "roles:read", load: () => import("./roles/RolesRoom") },
  { path: "/staff", title: "room.people", face: "staff", permission: "staff:write", load: () => import("./people/StaffRoom") },
  { path: "/channels", title: "room.channels", face: "staff", permission: "channels:write", load: () => import("./channels/ChannelsRoom") },
];
