// What site_files.py writes in front of web/sw.js.

declare const FILES: Record<string, { size: number; sha256: string }>;
