// The states every piece of data has: loading, failed with a code and a retry, empty with what to do next, old with its age.

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "@/api/problem";
import { keyOfCode } from "@/i18n";
import { Button } from "./Button";

export function Skeleton({ lines = 4 }: { lines?: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="skeleton" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: lines }, (_, line) => <i key={line} />)}
    </div>
  );
}

/** The translated sentence for a code; where we have none, the server's own. */
export function useRefusalText(): (error: unknown) => { code: string; text: string; request: string | undefined } {
  const { t } = useTranslation();
  return (error) => {
    if (error instanceof Error && error.name === "PasskeyFailed") return { code: "passkey_failed", text: t("login.passkey_failed"), request: undefined };
    if (!(error instanceof Refusal)) return { code: "unexpected", text: t("state.unexpected"), request: undefined };
    const key = keyOfCode(error.code);
    const own = error.problem.errors?.map((e) => `${e.field}: ${e.message}`).join("; ");
    const text = key === null ? (error.problem.detail || t("state.unexpected")) : t(key, { ...error.problem, context: reasonOf(error) });
    return { code: error.code, text: own ? `${text} ${own}` : text, request: error.problem.request_id };
  };
}

/** What some codes add of why: it has a sentence of its own (`code_reason`), or that of the code. */
function reasonOf({ problem: { reason } }: Refusal): string | undefined {
  return typeof reason === "string" ? reason : undefined;
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }): ReactNode {
  const { t } = useTranslation();
  useTranslation("rare", { useSuspense: false }); // sentences that hardly anybody meets come when something has failed
  const { code, text, request } = useRefusalText()(error);
  return (
    <div className="notice bad" role="alert">
      <p>{text}</p>
      <p className="dim">
        <code>{code}</code>
        {request !== undefined && <> · {t("state.request")} <code>{request}</code></>}
      </p>
      {retry !== undefined && <Button onPress={retry}>{t("state.retry")}</Button>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="notice">
      <p>{title}</p>
      {children}
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  /** Shown instead when `isEmpty` says so. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  lines?: number;
}

/** One query with all its states. Old data stays on the screen when a later read fails, marked as old. */
export function Loaded<T>({ query, children, empty, isEmpty, lines = 4 }: LoadedProps<T>): ReactNode {
  const { t } = useTranslation();
  if (query.data === undefined) {
    return query.isError ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton lines={lines} />;
  }
  const nothing = isEmpty?.(query.data) ?? (Array.isArray(query.data) && query.data.length === 0);
  return (
    <>
      {query.isError && (
        <p className="row">
          <span className="pill warn">{t("state.old", { seconds: Math.floor((query.errorUpdatedAt - query.dataUpdatedAt) / 1000) })}</span>
          <Button kind="quiet" onPress={() => void query.refetch()}>{t("state.retry")}</Button>
        </p>
      )}
      {nothing && empty !== undefined ? empty : children(query.data)}
    </>
  );
}
