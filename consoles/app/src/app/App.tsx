// From the address to the room. Who is not logged in sees the login at the same address and lands where they wanted to go.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense, type ReactNode } from "react";
import { I18nProvider, RouterProvider as AriaRouter } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { BrowserRouter, Navigate, Route, Routes, useHref, useLocation, useNavigate } from "react-router";
import { Refusal } from "@/api/problem";
import { FeedProvider } from "@/feed/hooks";
import { part } from "@/kit/part";
import { Empty, Failed, Skeleton } from "@/kit/states";
import { ToastProvider } from "@/kit/toasts";
import { SessionProvider, useSession } from "@/session/session";
import { SettingsProvider, useSettings } from "@/settings/settings";
import { Login } from "./Login";
import { ROOMS, type Room } from "./rooms";
import { Shell } from "./Shell";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      networkMode: "always", // "offline" is the browser's guess; a read that fails says so itself
      refetchOnWindowFocus: true,
      // Reading again is harmless, but a refusal stays a refusal.
      retry: (count, error) => count < 2 && (!(error instanceof Refusal) || error.problem.status === 0 || error.problem.status >= 500),
    },
    mutations: { retry: false, networkMode: "always" }, // what became of a change is asked for, never tried again blindly
  },
});

export function App(): ReactNode {
  return (
    <Suspense fallback={null}>
      <SettingsProvider>
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <Localised>
              <SessionProvider waiting={(error, retry) => (error === null ? <Skeleton /> : <Failed error={error} retry={retry} />)}>
                <ToastProvider>
                  <House />
                </ToastProvider>
              </SessionProvider>
            </Localised>
          </BrowserRouter>
        </QueryClientProvider>
      </SettingsProvider>
    </Suspense>
  );
}

function Localised({ children }: { children: ReactNode }): ReactNode {
  const { settings } = useSettings();
  const navigate = useNavigate();
  return (
    <I18nProvider locale={settings.language === "zh" ? "zh-CN" : "en-US"}>
      <AriaRouter navigate={(to) => void navigate(to)} useHref={useHref}>{children}</AriaRouter>
    </I18nProvider>
  );
}

const LOADED = ROOMS.map((room) => ({ room, Screen: part(room.load) }));

const Enter = part(() => import("@/faces/enter/Enter"));
const ENTER = /^\/(register|verify|forgot|reset|freeze|confirm-email)$/; // for who has no session, or came by the link of a mail

function House(): ReactNode {
  const { me, may } = useSession();
  if (ENTER.test(useLocation().pathname)) return <Enter />;
  if (me === null) return <Login />;
  const first = ROOMS.find((room) => room.link !== undefined && may(room.permission));
  return (
    <FeedProvider>
      <Shell>
        <Routes>
          <Route path="/" element={first?.link === undefined ? <NoRooms /> : <Navigate to={first.link} replace />} />
          {LOADED.map(({ room, Screen }) => (
            <Route key={room.path} path={room.path} element={may(room.permission) ? <Screen /> : <NotYours room={room} />} />
          ))}
          <Route path="*" element={<Unknown />} />
        </Routes>
      </Shell>
    </FeedProvider>
  );
}

/** A forbidden address explains itself: what is there, what it needs, and who one is. */
function NotYours({ room }: { room: Room }): ReactNode {
  const { t } = useTranslation(["common", room.face]);
  const { me } = useSession();
  return (
    <Empty title={t("nav.not_yours", { room: t(`${room.face}:${room.title}`) })}>
      <p>{t("nav.needs", { permission: room.permission, roles: me?.roles.join(", ") ?? "" })}</p>
      <a href="/">{t("nav.home")}</a>
    </Empty>
  );
}

function NoRooms(): ReactNode {
  const { t } = useTranslation();
  return <Empty title={t("nav.no_rooms")} />;
}

function Unknown(): ReactNode {
  const { t } = useTranslation();
  return <Empty title={t("nav.unknown")}><a href="/">{t("nav.home")}</a></Empty>;
}
