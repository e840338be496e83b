/**
 * A server's configuration file: TOML, with everything that is wrong and where. Needs {@code
 * org.tomlj}, which is an optional dependency: a program that embeds a server has a builder and no
 * file.
 */
@NullMarked
package dev.warren.serving.config;

import org.jspecify.annotations.NullMarked;
