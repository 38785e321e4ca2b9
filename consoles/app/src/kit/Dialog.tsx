// Dialogs, and the confirmation of what cannot be taken back.

import { useState, type ReactNode } from "react";
import { Dialog as Base, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Failed } from "./states";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  role?: "dialog" | "alertdialog";
  /** While something is under way it cannot be left: what became of it is about to be said. */
  busy?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, wide = false, role = "dialog", busy = false }: DialogProps): ReactNode {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => { if (!open) onClose(); }} isDismissable={!busy} isKeyboardDismissDisabled={busy}>
      <Modal className={wide ? "modal wide" : "modal"}>
        <Base role={role}>
          <Heading slot="title">{title}</Heading>
          {children}
        </Base>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** What pressing the button does; a refusal is shown in the dialog, which then stays. */
  act: () => Promise<unknown>;
  verb: string;
  danger?: boolean;
  /** Whether it can be pressed: what was typed makes sense. */
  ready?: boolean;
  children: ReactNode;
}

export function Confirm({ title, isOpen, onClose, act, verb, danger = false, ready = true, children }: ConfirmProps): ReactNode {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const close = (): void => { setError(null); onClose(); };
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
      close();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close} role="alertdialog" busy={busy}>
      {children}
      {error !== null && <Failed error={error} />}
      <div className="row">
        <Button kind={danger ? "danger" : "primary"} busy={busy} isDisabled={!ready} autoFocus onPress={() => void run()}>{verb}</Button>
        <Button isDisabled={busy} onPress={close}>{t("action.cancel")}</Button>
      </div>
    </Dialog>
  );
}
