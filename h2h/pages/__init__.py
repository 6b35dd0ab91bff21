"""The report's pages: plain data in, HTML, SVG and PDF out; style and scripts beside them."""
