/**
 * Programs to copy from, each complete in one file. Every one serves when started without
 * arguments, printing a ticket (or an id), and dials when given that:
 *
 * <pre>
 * ./mvnw -q -pl cli -am package -DskipTests
 * java -cp cli/target/warren.jar examples/src/main/java/dev/warren/examples/Echo.java
 * java -cp cli/target/warren.jar examples/src/main/java/dev/warren/examples/Echo.java node…
 * </pre>
 */
@NullMarked
package dev.warren.examples;

import org.jspecify.annotations.NullMarked;
