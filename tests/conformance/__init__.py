"""What AWS answers to a request, as tables; `test_answers.py` asks one emulator."""
