// The chart of accounts: the accounts as a tree by the parts of their paths, each branch with its sums.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Empty, Loaded } from "@/kit/states";
import { Amount } from "@/kit/values";

type Branch = Schemas["BranchOut"];

const DEPTH = 3;
/** A branch names its parts with colons; accounts of these begin with a colon too, all others with a dot. */
const COLON = /^(customer|pool|suspense):/;
const accountsOf = (path: string): string => `/finance/journal?path=${encodeURIComponent(COLON.test(path) ? path : path.replace(":", "."))}`;

export function Chart({ at }: { at: string | null }): ReactNode {
  const { t } = useTranslation("finance");
  const query = useQuery({
    queryKey: ["finance", "chart", at],
    queryFn: async () => (await ask(api.GET("/v1/ledger/chart", { params: { query: { at, depth: DEPTH } } }))).items,
  });
  return (
    <Loaded query={query} lines={8} empty={<Empty title={t("chart.none")} />}>
      {(branches) => <Tree branches={branches} />}
    </Loaded>
  );
}

function Tree({ branches }: { branches: readonly Branch[] }): ReactNode {
  return (
    <ul className="finance-tree">
      {branches.map((branch) => (
        <li key={branch.path}>
          {branch.children.length === 0 ? <div className="finance-leaf"><Node branch={branch} /></div> : (
            <details>
              <summary><Node branch={branch} /></summary>
              <Tree branches={branch.children} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

function Node({ branch }: { branch: Branch }): ReactNode {
  const { t } = useTranslation("finance");
  const leaf = branch.children.length === 0;
  return (
    <>
      <span>
        {leaf ? <Link to={accountsOf(branch.path)}>{branch.name}</Link> : branch.name}
        {" "}<span className="dim">{t("chart.accounts", { n: branch.accounts })}</span>
      </span>
      <span className="row">{branch.sums.map((sum) => <Amount key={sum.asset} value={sum.posted} asset={sum.asset} />)}</span>
    </>
  );
}
