import { CloseOutlined } from "@ant-design/icons";
import { type ReactNode, useEffect, useRef } from "react";

interface SheetProps {
  readonly open: boolean;
  readonly title: string;
  readonly close: () => void;
  /** A reading fills the side of a wide screen; a question stands in its middle. */
  readonly place: "side" | "middle";
  readonly children: ReactNode;
}

/**
 * What lies over the page until it is closed. The browser's own dialog: it keeps the focus, gives it back, and closes with Escape; antd's
 * Modal and Drawer measure the scroll bar with a style that has no nonce, which our content security policy forbids.
 */
export function Sheet({ open, title, close, place, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className={`sheet ${place}`} aria-label={title} onClose={close}>
      {open && (
        <>
          <header>
            <h2>{title}</h2>
            <button type="button" aria-label="关闭" onClick={close}>
              <CloseOutlined aria-hidden />
            </button>
          </header>
          {children}
        </>
      )}
    </dialog>
  );
}
