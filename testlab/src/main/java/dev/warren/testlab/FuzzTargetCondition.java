package dev.warren.testlab;

import java.lang.reflect.InvocationTargetException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips fuzz targets where Jazzer cannot work. Even to replay seeds it attaches an agent to its own
 * JVM, which some environments forbid; that must not fail a build. Registered by itself wherever
 * testlab is on the test class path.
 */
public final class FuzzTargetCondition implements ExecutionCondition {
  private static final String AGENT =
      "com.code_intelligence.jazzer.third_party.net.bytebuddy.agent.ByteBuddyAgent";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    boolean target = context.getRequiredTestClass().getSimpleName().endsWith("FuzzTarget");
    if (!target) {
      return ConditionEvaluationResult.enabled("not a fuzz target");
    }
    try {
      // What Jazzer itself will do; a second time it does nothing.
      Class.forName(AGENT).getMethod("install").invoke(null);
      return ConditionEvaluationResult.enabled("Jazzer can attach its agent");
    } catch (InvocationTargetException e) {
      return ConditionEvaluationResult.disabled(
          "Jazzer cannot attach its agent to this JVM: " + e.getCause());
    } catch (ReflectiveOperationException e) {
      // Another Jazzer keeps it elsewhere: let it try rather than skip silently.
      return ConditionEvaluationResult.enabled("Jazzer's agent is not known: " + e);
    }
  }
}
