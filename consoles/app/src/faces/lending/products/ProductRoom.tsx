// One product: the newest version or a chosen one to look at; its draft to edit. A published version is never edited: its next one is made.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { Button } from "@/kit/Button";
import { Empty, Loaded } from "@/kit/states";
import { useSession } from "@/session/session";
import { draftOf, NEW, type Product } from "./draft";
import { Editor } from "./Editor";
import { Publishing } from "./Publishing";
import { useProducts } from "./reads";
import { Status } from "./words";
import "./products.css";

export default function ProductRoom(): ReactNode {
  const { t } = useTranslation("lending_products");
  const { id } = useParams();
  const query = useProducts();
  return (
    <div className="stack">
      <p><Link to="/lending/products">{t("one.back")}</Link></p>
      {id === "new"
        ? <><h1>{t("one.new")}</h1><Editor start={NEW} target={{ kind: "new" }} /></>
        : <Loaded query={query} lines={10}>{(all) => <One versions={all.filter((one) => one.id === id)} />}</Loaded>}
    </div>
  );
}

function One({ versions }: { versions: readonly Product[] }): ReactNode {
  const { t } = useTranslation("lending_products");
  const [search] = useSearchParams();
  const wanted = search.get("version");
  const shown = versions.find((one) => String(one.version) === wanted) ?? versions[0];
  if (shown === undefined) return <><h1>{t("room.product")}</h1><Empty title={t("one.none")} /></>;
  return (
    <>
      <h1>{shown.name} · {t("one.version", { n: shown.version })} <Status of={shown} /></h1>
      <nav className="row" aria-label={t("one.versions")}>
        {versions.map((one) => (
          <Link key={one.version} to={`?version=${String(one.version)}`} aria-current={one === shown ? "page" : undefined}>
            {t("one.version", { n: one.version })} · {t(`status.${one.status}`)}
          </Link>
        ))}
      </nav>
      <Publishing product={shown} />
      <Sheet key={shown.version} product={shown} hasDraft={versions.some((one) => one.status === "draft")} />
    </>
  );
}

/** A draft is edited in place; of any other version the next one is made from its terms. */
function Sheet({ product, hasDraft }: { product: Product; hasDraft: boolean }): ReactNode {
  const { t } = useTranslation("lending_products");
  const { may } = useSession();
  const [next, setNext] = useState(false);
  const [start] = useState(() => draftOf(product)); // what is being typed outlives a newer answer
  if (product.status === "draft" && may("lending:write")) return <Editor start={start} target={{ kind: "draft", id: product.id }} />;
  if (next) return <><h2>{t("one.next_title")}</h2><Editor start={start} target={{ kind: "next", id: product.id }} /></>;
  return (
    <>
      {may("lending:write") && !hasDraft && <div><Button kind="primary" onPress={() => { setNext(true); }}>{t("one.next")}</Button></div>}
      <Editor start={start} target={null} />
    </>
  );
}
