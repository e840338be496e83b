/**
 * File and folder transfer: one side offers, the other fetches what it lacks, resumes after an
 * interruption on either side, and keeps nothing that its BLAKE3 hash does not vouch for.
 */
@NullMarked
package dev.warren.cli.files;

import org.jspecify.annotations.NullMarked;
