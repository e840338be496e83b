/** Certificates at run time: read, swapped, signed, ordered. */
@NullMarked
package dev.warren.serving.certificates;

import org.jspecify.annotations.NullMarked;
