/**
 * Where the command's logs go: standard error, one line each, as text or as JSON. A provider of our
 * own since SLF4J's simple one knows no JSON, and larger ones would cost every command its start.
 */
@NullMarked
package dev.warren.cli.log;

import org.jspecify.annotations.NullMarked;
