"""Outputs shown as VS Code and Colab show them, as far as both say in public how they do.

VS Code (microsoft/vscode: `extensions/notebook-renderers`, `backLayerWebView.ts`,
`webviewElement.ts`, the webview's `index.html`): a frame with this sandbox, and a policy for its
contents, one document for all outputs of a notebook; an output is set as inner HTML, and its
scripts are put in once more; the document has rules of its own for tables and code, and its body
says the theme. Colab: a frame for each cell from another origin, whose document says the theme at
its root.
"""

from __future__ import annotations

from html import escape

from browser import api

SANDBOX = "allow-scripts allow-same-origin allow-forms allow-pointer-lock allow-downloads"
POLICY = ("default-src 'none'; script-src https://*.vscode-cdn.net 'unsafe-inline' 'unsafe-eval'; "
          "style-src https://*.vscode-cdn.net 'unsafe-inline'; img-src https: http: data:; "
          "font-src https:; connect-src https:; child-src https: data:")
TABLES = """
@layer theirs { code { color: rgb(215, 186, 125); background-color: rgb(60, 60, 60);
  padding: 1px 3px; } body { color: rgb(1, 2, 3); } }
table, thead, tr, th, td, tbody { border: none !important; border-collapse: collapse; }
table, th, tr { vertical-align: middle; text-align: right; }
thead { font-weight: bold; background-color: rgba(130, 130, 130, 0.16); }
tr:nth-child(even) { background-color: rgba(130, 130, 130, 0.08); }
th, td { padding: 4px 8px; }
"""
VS_CODE = f"""<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}"><base href="https://nowhere.example/">
<style>{TABLES}</style></head><body class="THEME"><div id="container"></div></body></html>"""
COLAB = """<!doctype html><html theme="THEME"><head><meta charset="utf-8"></head>
<body><div id="container"></div></body></html>"""
PUT_IN = """html => {
  document.addEventListener("securitypolicyviolation",
    event => (window.refused ??= []).push(event.violatedDirective + " " + event.blockedURI));
  const output = document.createElement("div");
  output.innerHTML = html;
  document.getElementById("container").append(output);
  for (const script of output.querySelectorAll("script")) {
    const again = document.createElement("script");
    again.text = script.textContent;
    output.append(again);
    again.remove();
  }
}"""


def in_a_frame(page: api.Page, document: str, theme: str, *outputs: str) -> api.Frame:
    """The frame with these outputs."""
    inner = escape(document.replace("THEME", theme))
    page.set_content('<style>iframe { width: 100%; height: 2000px; border: 0; }</style>'
                     f'<iframe sandbox="{SANDBOX}" srcdoc="{inner}"></iframe>')
    frame = page.frames[1]
    frame.wait_for_selector("#container", state="attached")
    for html in outputs:
        frame.evaluate(PUT_IN, html)
    return frame


def refused(frame: api.Frame) -> list[str]:
    """What the policy did not let through."""
    found: list[str] = frame.evaluate("window.refused ?? []")
    return found
