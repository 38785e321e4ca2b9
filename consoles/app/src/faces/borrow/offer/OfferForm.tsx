// Collateral, amount and term hang together: moving one shows at once what it does to the others. The numbers are an estimate until the
// server makes an offer that stands for some seconds.

import { useState, type ReactNode, type SyntheticEvent } from "react";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { AmountField, Select } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { canonical, isDecimal, isZero, lessThan, sign, type Decimal } from "@/money/decimal";
import { Gauge } from "../Gauge";
import { feeOf, lendable, lineAt, linesOf, ltvOf, part, percentOf, reach, worth, type Piece } from "../model";
import { askForOffer, usePrices, type Offer as Made, type Product } from "../reads";
import { useBalances } from "@/faces/retail/wallet/balances";
import { useWords } from "../words";
import { Offer } from "./Offer";

const FINEST = "0.00000001";
const clean = (text: string): Decimal => (isDecimal(text) && sign(canonical(text)) > 0 ? canonical(text) : "0");

export function OfferForm({ product }: { product: Product }): ReactNode {
  const { t, amount: sum } = useWords();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [amount, setAmount] = useState("");
  const [tenor, setTenor] = useState(String(product.tenors[0] ?? ""));
  const [made, setMade] = useState<Made | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const prices = usePrices(product);
  const pieces: Piece[] = product.collaterals.map((kind) => ({
    asset: kind.asset, quantity: clean(typed[kind.asset] ?? ""), price: prices.get(kind.asset) ?? null, pledge: kind.ltv.pledge, haircut: kind.haircut, lines: linesOf(kind),
  }));
  const most = part("100", lendable(pieces), product.step);
  const wanted = clean(amount);
  const change = (run: () => void): void => { run(); setError(null); };
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const wish = {
      product_id: product.id, borrow_asset: product.asset, tenor_days: product.tenors.find((days) => String(days) === tenor) ?? 0,
      collateral: pieces.filter(({ quantity }) => !isZero(quantity)).map(({ asset, quantity }) => ({ asset, quantity })), amount: wanted, max: false,
    };
    setBusy(true);
    setError(null);
    try {
      setMade(await once("loan-quote", wish, (header) => askForOffer(wish, header)));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const pledged = pieces.some(({ quantity }) => !isZero(quantity));
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {product.collaterals.map(({ asset }) => (
        <Collateral key={asset} asset={asset} value={typed[asset] ?? ""} onChange={(value) => { change(() => { setTyped({ ...typed, [asset]: value }); }); }} />
      ))}
      <AmountField label={t("offer.amount", { asset: product.asset, most: sum(most, product.asset) })} value={amount} onChange={(value) => { change(() => { setAmount(value); }); }}
        error={pledged && lessThan(most, wanted) ? t("offer.too_much") : undefined} isRequired />
      <input type="range" min="0" max="100" step="1" value={percentOf(wanted, most)} disabled={isZero(most)} aria-label={t("offer.share")}
        onChange={(event) => { const { value } = event.target; change(() => { setAmount(part(value, most, product.step)); }); }} />
      <Select label={t("offer.tenor")} value={tenor} onChange={setTenor} choices={product.tenors.map((days) => ({ id: String(days), text: t("terms.days", { n: days }) }))} />
      <Estimate product={product} pieces={pieces} amount={wanted} />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={!pledged || isZero(wanted)}>{t("offer.ask")}</Button></div>
      {made !== null && <Offer offer={made} product={product} onClose={() => { setMade(null); }} />}
    </form>
  );
}

function Collateral({ asset, value, onChange }: { asset: string; value: string; onChange: (value: string) => void }): ReactNode {
  const { t, amount } = useWords();
  const { data: balances = [] } = useBalances();
  const there = balances.find((balance) => balance.asset === asset)?.available ?? "0";
  return (
    <div className="borrow-collateral">
      <AmountField label={t("offer.collateral", { asset, available: amount(there, asset) })} value={value} onChange={onChange}
        error={lessThan(there, clean(value)) ? t("offer.not_there") : undefined} />
      <input type="range" min="0" max="100" step="1" value={percentOf(clean(value), there)} disabled={isZero(there)} aria-label={t("offer.collateral_share", { asset })}
        onChange={(event) => { onChange(event.target.value === "100" ? there : part(event.target.value, there, FINEST)); }} />
    </div>
  );
}

/** By the prices on the screen; the offer says it exactly. */
function Estimate({ product, pieces, amount }: { product: Product; pieces: readonly Piece[]; amount: Decimal }): ReactNode {
  const { t, about, reach: words } = useWords();
  const missing = pieces.filter(({ price, quantity }) => price === null && !isZero(quantity)).map(({ asset }) => asset);
  if (missing.length > 0) return <p className="notice warn">{t("offer.no_price", { assets: missing.join(", ") })}</p>;
  if (isZero(worth(pieces))) return <p className="dim">{t("offer.begin")}</p>;
  const fee = feeOf(amount, product.fee_rate, product.fee_flat);
  const only = pieces.find(({ quantity }) => !isZero(quantity));
  const line = (key: "warning" | "displayed"): { key: typeof key; at: Decimal | null; words: string | null } => ({
    key, at: lineAt(pieces, key), words: words({ asset: only?.asset ?? "", ...reach(amount, pieces, key) }, product.asset),
  });
  return (
    <>
      <Gauge ltv={ltvOf(amount, pieces)} lines={[{ key: "pledge", at: ltvOf(lendable(pieces), pieces), words: null }, line("warning"), line("displayed")]} />
      <p className="dim">{t("offer.estimate", { worth: about(worth(pieces), product.asset), fee: about(fee, product.asset) })}</p>
    </>
  );
}
