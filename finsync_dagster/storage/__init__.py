"""Where things lie: settings, lake, state. The only code that knows paths and stores."""
