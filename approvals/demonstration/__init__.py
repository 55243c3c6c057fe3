"""The demonstration province 云岭省: invented organisations, people and cases, played through the real activities."""
