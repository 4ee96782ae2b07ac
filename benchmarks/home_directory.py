"""The home directory that programs find: settings that keep pictures still, and documents."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.programs import Variant

NOTES_EN = """Meeting notes, Tuesday

Ada will send the signed contract to the supplier before Friday.
Open questions: delivery date, payment terms, and the address of the warehouse.
Budget for the second quarter: 48,500 EUR
Call the printing office about the new labels.
"""
NOTES_ZH = """会议纪要

请在星期五之前把签好的合同寄给供应商。
待定事项：交货日期、付款方式和仓库地址。
第二季度预算：48,500 元
联系印刷厂确认新的标签样式。
"""


def write_home(home: Path, variant: Variant) -> None:
    """Fill an empty home directory: settings that keep pictures still, and some documents."""
    chinese = variant.language == "zh"
    for name in (".config/gtk-3.0", ".config/gtk-4.0", ".cache", ".local/share", ".run", "files"):
        (home / name).mkdir(parents=True)
    (home / ".run").chmod(0o700)
    settings = [
        "[Settings]",
        f"gtk-theme-name={variant.theme.split(':')[0]}",
        f"gtk-font-name={variant.font}",
        f"gtk-application-prefer-dark-theme={int(variant.tone == 'dark')}",
        "gtk-cursor-blink=false",
        "gtk-enable-animations=false",
        "gtk-icon-theme-name=Adwaita",
    ]
    for version in ("gtk-3.0", "gtk-4.0"):
        (home / ".config" / version / "settings.ini").write_text("\n".join(settings) + "\n")
    (home / "notes.txt").write_text(NOTES_ZH if chinese else NOTES_EN, encoding="utf-8")
    (home / "second.txt").write_text((NOTES_ZH if chinese else NOTES_EN)[:-20], encoding="utf-8")
    names = (
        ["合同.txt", "发票 2024.txt", "会议纪要.txt", "图片", "项目文档", "下载列表.csv"]
        if chinese
        else ["Contract.txt", "Invoice 2024.txt", "Minutes.txt", "Photos", "Projects", "orders.csv"]
    )
    for name in names:
        path = home / "files" / name
        path.write_text(NOTES_EN) if "." in name else path.mkdir()
    picture = np.full((360, 480, 3), (190, 160, 120), np.uint8)
    cv2.circle(picture, (300, 160), 90, (90, 200, 240), -1)
    cv2.imwrite(str(home / "files" / "sun.png"), picture)
    write_document(home / "files" / "letter.pdf")


def write_document(path: Path) -> None:
    """A one-page PDF with a heading and three lines."""
    lines = ["Delivery note 1042", "Two boxes of labels", "Weight: 14 kg", "Signed by Ada"]
    text = "BT /F1 18 Tf 72 740 Td " + " ".join(f"({t}) Tj 0 -30 Td" for t in lines) + " ET"
    font = "/Type /Font /Subtype /Type1 /BaseFont /Helvetica"
    fonts = f"/Resources << /Font << /F1 << {font} >> >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    start = body.index("xref\n")
    body += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    path.write_text(body)
