/** Small pages over HTTP for operators and their programs. */
@NullMarked
package dev.warren.serving.pages;

import org.jspecify.annotations.NullMarked;
