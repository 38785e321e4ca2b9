import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** The secret behind the `#` of a mail's link; taken out of the address at once, so that nobody reads it there or in the history. */
export function useLinkToken(): string {
  const { hash, pathname } = useLocation();
  const navigate = useNavigate();
  const [token] = useState(() => hash.slice(1));
  useEffect(() => { if (hash !== "") void navigate(pathname, { replace: true }); }, [hash, pathname, navigate]);
  return token;
}
