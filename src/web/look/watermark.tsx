import { useEffect } from "react";

/**
 * Who looks and since when, drawn faintly over the whole page, so that a photograph of the screen tells where it came from. The picture is a
 * style of the document, because what lies over the page (look.css: .sheet) carries it too.
 */
export function Watermark({ words }: { readonly words: readonly string[] }) {
  const text = words.join("\n");
  useEffect(() => {
    const { style } = document.documentElement;
    style.setProperty("--watermark", `url(${drawn(text.split("\n"))})`);
    return () => void style.removeProperty("--watermark");
  }, [text]);
  return <div className="watermark" aria-hidden data-words={text} />;
}

const [width, height] = [340, 200];

function drawn(lines: readonly string[]): string {
  const canvas = document.createElement("canvas");
  const scale = window.devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  if (pen === null) return "";
  pen.scale(scale, scale);
  pen.translate(width / 2, height / 2);
  pen.rotate(-Math.PI / 9);
  pen.font = "14px sans-serif";
  pen.fillStyle = "rgba(16, 42, 46, 0.09)";
  pen.textAlign = "center";
  for (const [row, line] of lines.entries()) pen.fillText(line, 0, row * 21 - 10);
  return canvas.toDataURL();
}
